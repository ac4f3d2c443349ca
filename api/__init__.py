"""The running program: HTTP, command line, jobs, settings, sign-in."""
