"""How much anybody may ask of the hub: counted by Flask-Limiter per source, per service and per endpoint."""
