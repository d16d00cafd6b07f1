"""Exporters need nothing but a socket on the loopback interface."""
