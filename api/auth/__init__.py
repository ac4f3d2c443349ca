"""Sign-in, sessions, guards: who may call is said in the endpoint's signature."""
