"""Addresses of the web application: pages for people, JSON for programs, probes for machines."""
