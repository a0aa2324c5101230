"""Write the JSON schema of the photography settings, for editors and for those who override them.

python -m layers.photography
"""

import json
import sys

from layers.build import LAYERS
from packshot.scenes.photography import PhotographySettings

WRITTEN = LAYERS / "packshot" / "src" / "packshot" / "scenes" / "photography.schema.json"


def schema() -> str:
    """Return the schema, as it is written."""
    found = PhotographySettings.model_json_schema(mode="validation")
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **found}, indent=2) + "\n"


def main() -> int:
    """Write the file."""
    WRITTEN.write_text(schema(), encoding="utf-8")
    sys.stdout.write(f"{WRITTEN}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
