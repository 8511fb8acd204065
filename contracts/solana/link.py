"""Links one clang BPF object into a shared object the Solana virtual machine loads.

Accepts a single `.text` section whose only relocations are calls to syscalls; refuses data sections, because the
loader would have to map them. The loader resolves a call through `.rel.dyn` by the hash of the symbol's name.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

MACHINE_BPF = 247
R_BPF_64_32 = 10
TEXT_AT = 0x120  # first byte after the ELF header and three program headers, rounded up
SHT_PROGBITS, SHT_STRTAB, SHT_DYNAMIC, SHT_REL, SHT_DYNSYM = 1, 3, 6, 9, 11
SECTION_NAMES = (".text", ".dynamic", ".dynsym", ".dynstr", ".rel.dyn", ".shstrtab")
PT_LOAD, PT_DYNAMIC = 1, 2
DT_NULL, DT_STRTAB, DT_SYMTAB, DT_STRSZ, DT_REL, DT_RELSZ, DT_RELENT = 0, 5, 6, 10, 17, 18, 19


class LinkError(Exception):
    """The object uses something this linker does not support."""


class Section(NamedTuple):
    name: str
    kind: int
    offset: int
    size: int
    link: int


class Symbol(NamedTuple):
    name: str
    section: int
    value: int


class Part(NamedTuple):
    """Where a piece of the output lies; file offsets and addresses are the same."""

    at: int
    size: int

    @property
    def end(self) -> int:
        return self.at + self.size


def link(obj: bytes) -> bytes:
    """Solana shared object (SBPF v0) with the entry point of the relocatable object `obj`."""
    sections = _sections(obj)
    text = _single(sections, ".text")
    for section in sections:
        if section.size and section.name.startswith((".rodata", ".data", ".bss")):
            raise LinkError(f"section {section.name} holds data; keep constants in the code")
    symbols = _symbols(obj, sections)
    entry = next((s.value for s in symbols if s.name == "entrypoint"), None)
    if entry is None:
        raise LinkError("no symbol named entrypoint")
    code = bytearray(obj[text.offset : text.offset + text.size])
    calls = _syscalls(obj, sections, symbols)
    for offset, _ in calls:
        code[offset + 1] = 0x10  # source register 1: a call the loader resolves
        code[offset + 4 : offset + 8] = b"\xff\xff\xff\xff"
    return _shared_object(bytes(code), entry, calls)


def _sections(obj: bytes) -> list[Section]:
    if obj[:6] != b"\x7fELF\x02\x01" or struct.unpack_from("<H", obj, 18)[0] != MACHINE_BPF:
        raise LinkError("not a 64-bit little-endian BPF object")
    (table,) = struct.unpack_from("<Q", obj, 0x28)
    entry_size, count, names_index = struct.unpack_from("<HHH", obj, 0x3A)
    raw = [struct.unpack_from("<IIQQQQIIQQ", obj, table + i * entry_size) for i in range(count)]
    names_at = raw[names_index][4]
    return [Section(_text(obj, names_at + r[0]), r[1], r[4], r[5], r[6]) for r in raw]


def _single(sections: Sequence[Section], name: str) -> Section:
    found = [s for s in sections if s.name == name]
    if len(found) != 1:
        raise LinkError(f"expected one {name} section, found {len(found)}")
    return found[0]


def _symbols(obj: bytes, sections: Sequence[Section]) -> list[Symbol]:
    table = _single(sections, ".symtab")
    names_at = sections[table.link].offset
    rows = (struct.unpack_from("<IBBHQQ", obj, table.offset + 24 * i) for i in range(table.size // 24))
    return [Symbol(_text(obj, names_at + name), section, value) for name, _, _, section, value, _ in rows]


def _syscalls(obj: bytes, sections: Sequence[Section], symbols: Sequence[Symbol]) -> list[tuple[int, str]]:
    """(offset of the call in .text, syscall) of every relocation."""
    found = []
    for table in (s for s in sections if s.name == ".rel.text"):
        for i in range(table.size // 16):
            offset, info = struct.unpack_from("<QQ", obj, table.offset + 16 * i)
            symbol = symbols[info >> 32]
            if info & 0xFFFFFFFF != R_BPF_64_32 or symbol.section != 0:
                raise LinkError(f"relocation to {symbol.name or 'a section'} is not a syscall; inline the function")
            found.append((offset, symbol.name))
    return found


def _shared_object(code: bytes, entry: int, calls: Sequence[tuple[int, str]]) -> bytes:
    names = list(dict.fromkeys(name for _, name in calls))
    strings, string_at = _strings([*names, "entrypoint"])
    symbols = bytes(24)
    symbols += b"".join(struct.pack("<IBBHQQ", string_at[n], 0x10, 0, 0, 0, 0) for n in names)
    symbols += struct.pack("<IBBHQQ", string_at["entrypoint"], 0x12, 0, 1, TEXT_AT + entry, 8)
    relocations = b"".join(
        struct.pack("<QQ", TEXT_AT + offset, (names.index(name) + 1) << 32 | R_BPF_64_32) for offset, name in calls
    )
    section_names, _ = _strings(SECTION_NAMES)
    dynamic = Part(_align(TEXT_AT + len(code)), 16 * (7 if calls else 4))
    symbol = Part(dynamic.end, len(symbols))
    string = Part(symbol.end, len(strings))
    relocation = Part(_align(string.end), len(relocations))
    name = Part(relocation.end, len(section_names))
    parts = (Part(TEXT_AT, len(code)), dynamic, symbol, string, relocation, name)
    headers_at = _align(name.end)
    return _joined(
        (0, _elf_header(TEXT_AT + entry, headers_at)),
        (64, _program_headers(parts)),
        (TEXT_AT, code),
        (dynamic.at, _dynamic(symbol, string, relocation)),
        (symbol.at, symbols),
        (string.at, strings),
        (relocation.at, relocations),
        (name.at, section_names),
        (headers_at, _section_headers(parts)),
    )


def _elf_header(entry: int, headers_at: int) -> bytes:
    fields = (3, MACHINE_BPF, 1, entry, 64, headers_at, 0, 64, 56, 3, 64, len(SECTION_NAMES) + 1, len(SECTION_NAMES))
    return b"\x7fELF\x02\x01\x01".ljust(16, b"\0") + struct.pack("<HHIQQQIHHHHHH", *fields)


def _program_headers(parts: Sequence[Part]) -> bytes:
    text, dynamic, _, _, relocation, _ = parts
    rows = (
        (PT_LOAD, 5, text.at, text.size, 0x1000),
        (PT_LOAD, 4, dynamic.at, relocation.end - dynamic.at, 0x1000),
        (PT_DYNAMIC, 6, dynamic.at, dynamic.size, 8),
    )
    return b"".join(
        struct.pack("<IIQQQQQQ", kind, flags, at, at, at, size, size, align) for kind, flags, at, size, align in rows
    )


def _dynamic(symbol: Part, string: Part, relocation: Part) -> bytes:
    """Dynamic table; the loader refuses an empty relocation table, so without calls it is not mentioned."""
    rows = [(DT_REL, relocation.at), (DT_RELSZ, relocation.size), (DT_RELENT, 16)] if relocation.size else []
    rows += [(DT_SYMTAB, symbol.at), (DT_STRTAB, string.at), (DT_STRSZ, string.size), (DT_NULL, 0)]
    return b"".join(struct.pack("<QQ", tag, value) for tag, value in rows)


def _section_headers(parts: Sequence[Part]) -> bytes:
    _, name_at = _strings(SECTION_NAMES)
    # name, kind, flags, linked section, info, alignment, entry size
    rows = (
        (".text", SHT_PROGBITS, 6, 0, 0, 8, 0),
        (".dynamic", SHT_DYNAMIC, 3, 4, 0, 8, 16),
        (".dynsym", SHT_DYNSYM, 2, 4, 1, 8, 24),
        (".dynstr", SHT_STRTAB, 2, 0, 0, 1, 0),
        (".rel.dyn", SHT_REL, 2, 3, 0, 8, 16),
        (".shstrtab", SHT_STRTAB, 0, 0, 0, 1, 0),
    )
    headers = bytes(64)
    for (name, kind, flags, linked, info, align, entry_size), part in zip(rows, parts, strict=True):
        address = part.at if flags else 0
        fields = (name_at[name], kind, flags, address, part.at, part.size, linked, info, align, entry_size)
        headers += struct.pack("<IIQQQQIIQQ", *fields)
    return headers


def _joined(*pieces: tuple[int, bytes]) -> bytes:
    last_at, last = pieces[-1]
    out = bytearray(last_at + len(last))
    for at, piece in pieces:
        out[at : at + len(piece)] = piece
    return bytes(out)


def _strings(names: Sequence[str]) -> tuple[bytes, dict[str, int]]:
    """String table and the place of each name in it."""
    table, places = b"\0", {}
    for name in names:
        places[name] = len(table)
        table += name.encode() + b"\0"
    return table, places


def _text(obj: bytes, at: int) -> str:
    return obj[at : obj.index(b"\0", at)].decode()


def _align(value: int) -> int:
    return (value + 7) // 8 * 8


if __name__ == "__main__":
    Path(sys.argv[2]).write_bytes(link(Path(sys.argv[1]).read_bytes()))
