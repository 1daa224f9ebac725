#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
# patience.sh CTEST BUILD: ctest gives this test its label, and more than the 120 seconds that it
# asks for.
"$1" --test-dir "$2" --show-only=json-v1 -R '^core-patience$' | python3 -c '
import json, sys
properties = {one["name"]: one["value"] for one in json.load(sys.stdin)["tests"][0]["properties"]}
print(properties)
sys.exit(not (properties["TIMEOUT"] >= 480 and properties["LABELS"] == ["unit"]))'
