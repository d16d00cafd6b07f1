// Sends counters (OTLP/JSON and gRPC), spans and log records (OTLP/JSON) until stdin ends, then prints how many there were.
// Usage: NODE_PATH=.../node_modules node client.cjs HTTP_URL GRPC_URL
"use strict";
const { OTLPLogExporter } = require("@opentelemetry/exporter-logs-otlp-http");
const grpc = require("@opentelemetry/exporter-metrics-otlp-grpc");
const http = require("@opentelemetry/exporter-metrics-otlp-http");
const { OTLPTraceExporter } = require("@opentelemetry/exporter-trace-otlp-http");
const { LoggerProvider, BatchLogRecordProcessor } = require("@opentelemetry/sdk-logs");
const { AggregationTemporality, MeterProvider, PeriodicExportingMetricReader } = require("@opentelemetry/sdk-metrics");
const { BasicTracerProvider, BatchSpanProcessor } = require("@opentelemetry/sdk-trace-base");

const [httpUrl, grpcUrl] = process.argv.slice(2);
const PAUSE_MS = 50;
const EXPORT_MS = 500;
const delta = AggregationTemporality.DELTA;

function meterOf(exporter) {
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: EXPORT_MS, exportTimeoutMillis: EXPORT_MS });
  return new MeterProvider({ readers: [reader] });
}

const meters = [
  meterOf(new http.OTLPMetricExporter({ url: `${httpUrl}/v1/metrics`, temporalityPreference: delta })),
  meterOf(new grpc.OTLPMetricExporter({ url: grpcUrl, temporalityPreference: delta })),
];
const counters = ["js.json", "js.grpc"].map((name, i) => meters[i].getMeter("js").createCounter(name));
const spans = { scheduledDelayMillis: EXPORT_MS };
const tracers = new BasicTracerProvider({
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${httpUrl}/v1/traces` }), spans)],
});
const logs = new LoggerProvider({
  processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter({ url: `${httpUrl}/v1/logs` }), ...spans })],
});

let count = 0;
const timer = setInterval(() => {
  count += 1;
  for (const counter of counters) counter.add(1);
  tracers.getTracer("js").startSpan("js.span").end();
  logs.getLogger("js").emit({ eventName: "js.event", body: String(count) });
}, PAUSE_MS);

process.stdin.on("end", async () => {
  clearInterval(timer);
  for (const provider of [...meters, tracers, logs]) await provider.shutdown();
  process.stdout.write(`${count}\n`);
});
process.stdin.resume();
