"""Tests of the services that other tests stand on."""
