"""What axe is asked of a page: WCAG 2.2 AA, and of its answer only what breaks a rule.

All that a page does right would be copied out of the browser at every look, element by element.
"""

from __future__ import annotations

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
}
