"""Two hubs behind nginx, as `deploy/nginx` runs them: no sticky sessions, and nothing believed from outside."""
