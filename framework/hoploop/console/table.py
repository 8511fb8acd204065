"""A table that draws only the lines on the screen: one changed row costs one line, not the whole table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from hoploop.console.board import clean
from hoploop.console.rows import Column, Row

_WIDEST = 48
_TONES = ("good", "warn", "bad")


class LineTable(ScrollView, can_focus=True):
    """Rows of text under a fixed heading; `show` replaces them and repaints what differs."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"table--heading", "table--empty", *(f"table--{tone}" for tone in _TONES)}
    DEFAULT_CSS = """
    LineTable { height: 1fr; }
    LineTable > .table--heading { text-style: bold underline; }
    LineTable > .table--empty { text-style: italic; color: $text-muted; }
    LineTable > .table--good { color: $text-success; }
    LineTable > .table--warn { color: $text-warning; }
    LineTable > .table--bad { color: $text-error; text-style: bold; }
    """

    def __init__(self, columns: Sequence[Column], *, empty: str, id: str | None = None) -> None:
        super().__init__(id=id)
        self._columns = tuple(columns)
        self._empty = empty
        self._rows: Sequence[Row] = ()
        self._widths = self._measure(())
        self._order: tuple[int, bool] | None = None

    def show(self, rows: Sequence[Row]) -> None:
        """Replace the rows; only visible lines that changed are drawn again."""
        rows = self._sorted(rows)
        widths = self._measure(rows)
        before, self._rows = self._rows, rows
        total = sum(widths) + 2 * len(widths)
        size = Size(total, len(rows) + 1)
        if widths != self._widths or size != self.virtual_size:
            self._widths = widths
            self.virtual_size = size
            self.refresh()
            return
        top = self.scroll_offset.y
        for line in range(1, self.size.height):
            at = top + line - 1
            if at < len(rows) and (at >= len(before) or rows[at] != before[at]):
                self.refresh(Region(0, line, self.size.width, 1))

    def sort_by(self, column: int) -> None:
        """Sort by a column (0-based); the same one again reverses, a third time restores the given order."""
        if column >= len(self._columns):
            return
        now = self._order
        self._order = (column, False) if now is None or now[0] != column else (column, True) if not now[1] else None

    @property
    def ordered(self) -> str:
        """How the rows are sorted, in words; empty when as given."""
        if self._order is None:
            return ""
        column, down = self._order
        return f"{self._columns[column].title} {'↓' if down else '↑'}"

    def render_line(self, y: int) -> Strip:
        """One line of the widget; line 0 is the heading whatever the scroll position."""
        scrolled_x, scrolled_y = self.scroll_offset
        at = scrolled_y + y - 1
        base = self.rich_style
        if y == 0:
            titles = tuple(column.title for column in self._columns)
            strip = self._strip(titles, base + self.get_component_rich_style("table--heading", partial=True))
        elif at < len(self._rows):
            row = self._rows[at]
            strip = self._strip(row.cells, base + self._tone(row.tone))
        elif y == 1 and not self._rows:
            strip = Strip(
                [Segment(f" {self._empty}", base + self.get_component_rich_style("table--empty", partial=True))]
            )
        else:
            return Strip.blank(self.size.width, base)
        return strip.crop_extend(scrolled_x, scrolled_x + self.size.width, base)

    def _tone(self, tone: str) -> Style:
        return self.get_component_rich_style(f"table--{tone}", partial=True) if tone in _TONES else Style.null()

    def _strip(self, cells: Sequence[str], style: Style) -> Strip:
        parts = []
        for column, width, text in zip(self._columns, self._widths, cells, strict=False):
            plain = clean(text)
            short = plain if cell_len(plain) <= width else set_cell_size(plain, width - 1) + "…"
            gap = " " * (width - cell_len(short))
            parts.append(f" {gap}{short} " if column.right else f" {short}{gap} ")
        return Strip([Segment("".join(parts), style)])

    def _measure(self, rows: Sequence[Row]) -> tuple[int, ...]:
        """Each column as wide as its widest cell, up to a limit; the last one takes what it needs."""
        widths = [cell_len(column.title) for column in self._columns]
        last = len(widths) - 1
        for row in rows:
            for at, text in enumerate(row.cells):
                wide = min(len(text), 1_000 if at == last else _WIDEST)
                if wide > widths[at]:
                    widths[at] = wide
        return tuple(widths)

    def _sorted(self, rows: Sequence[Row]) -> Sequence[Row]:
        if self._order is None:
            return rows
        column, down = self._order
        return sorted(rows, key=lambda row: _sort_key(row.cells[column]), reverse=down)


def _sort_key(text: str) -> tuple[int, float, str]:
    """Numbers by value before words; a trailing unit does not matter."""
    number = text.partition(" ")[0].replace(",", "").rstrip("…")
    try:
        return (0, float(number), text)
    except ValueError:
        return (1, 0.0, text)
