"""What nobody translated: Chinese on an English page that does not say that it exists in Chinese only."""

from __future__ import annotations

from playwright.sync_api import Page

# Inputs are left out: what people type has the language that they type.
_LOOK = """() => {
  const found = new Set(), walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const parent = node.parentElement;
    if (!/[\\u4e00-\\u9fff]/.test(node.data) || parent.closest('[lang]').lang.startsWith('zh')) continue;
    if (!parent.closest('textarea, script, noscript, style, code, pre')) found.add(node.data.trim());
  }
  return [...found];
}"""
# The way back to Chinese stands in Chinese.
SWITCH = "中文"


def untranslated(page: Page) -> list[str]:
    """The Chinese texts of an English page, each once."""
    return [text for text in page.evaluate(_LOOK) if text != SWITCH]
