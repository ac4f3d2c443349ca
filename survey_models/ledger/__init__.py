"""台账: every act, in its own transaction."""
