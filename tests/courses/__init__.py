from pathlib import Path

import courses

CONTENT = Path(courses.__file__).parent / "content" / "2026.1"
