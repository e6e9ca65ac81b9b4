"""The API and its areas."""

import os

# Piccolo finds its engine and migrations by this name at the first query, not before.
os.environ.setdefault("PICCOLO_CONF", "backend.piccolo_conf")
