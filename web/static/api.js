// Asks the server and says in words what went wrong.

// Return the JSON at `path`; throw an Error whose message a person can read.
export async function getJson(path, signal) {
  return readAnswer(() => fetch(path, { signal, headers: { Accept: "application/json" } }));
}

// Post JSON and return the JSON answered.
export async function postJson(path, body, signal) {
  return readAnswer(() =>
    fetch(path, { method: "POST", signal, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
  );
}

async function readAnswer(ask) {
  let response;
  try {
    response = await ask();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The server does not answer. Is Herald running?");
  }
  if (response.status === 401) location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.message || `The server answered ${response.status}.`);
  return answer;
}
