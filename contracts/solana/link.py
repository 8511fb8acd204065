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
    dynamic_at = _align(TEXT_AT + len(code))
    symbols_at = dynamic_at + 16 * 7
    strings_at = symbols_at + len(symbols)
    relocations_at = _align(strings_at + len(strings))
    loaded_end = relocations_at + len(relocations)
    dynamic = b"".join(
        struct.pack("<QQ", tag, value)
        for tag, value in (
            (DT_REL, relocations_at), (DT_RELSZ, len(relocations)), (DT_RELENT, 16), (DT_SYMTAB, symbols_at),
            (DT_STRTAB, strings_at), (DT_STRSZ, len(strings)), (DT_NULL, 0),
        )
    )  # fmt: skip
    section_names, name_at = _strings([".text", ".dynamic", ".dynsym", ".dynstr", ".rel.dyn", ".shstrtab"])
    headers_at = _align(loaded_end + len(section_names))
    headers = bytes(64) + b"".join(
        struct.pack("<IIQQQQIIQQ", name_at[name], kind, flags, address, offset, size, link_to, info, align, entry_size)
        for name, kind, flags, address, offset, size, link_to, info, align, entry_size in (
            (".text", SHT_PROGBITS, 6, TEXT_AT, TEXT_AT, len(code), 0, 0, 8, 0),
            (".dynamic", SHT_DYNAMIC, 3, dynamic_at, dynamic_at, len(dynamic), 4, 0, 8, 16),
            (".dynsym", SHT_DYNSYM, 2, symbols_at, symbols_at, len(symbols), 4, 1, 8, 24),
            (".dynstr", SHT_STRTAB, 2, strings_at, strings_at, len(strings), 0, 0, 1, 0),
            (".rel.dyn", SHT_REL, 2, relocations_at, relocations_at, len(relocations), 3, 0, 8, 16),
            (".shstrtab", SHT_STRTAB, 0, 0, loaded_end, len(section_names), 0, 0, 1, 0),
        )
    )
    program_headers = b"".join(
        struct.pack("<IIQQQQQQ", kind, flags, start, start, start, size, size, align)
        for kind, flags, start, size, align in (
            (PT_LOAD, 5, TEXT_AT, len(code), 0x1000),
            (PT_LOAD, 4, dynamic_at, loaded_end - dynamic_at, 0x1000),
            (PT_DYNAMIC, 6, dynamic_at, len(dynamic), 8),
        )
    )
    elf_header = b"\x7fELF\x02\x01\x01".ljust(16, b"\0") + struct.pack(
        "<HHIQQQIHHHHHH", 3, MACHINE_BPF, 1, TEXT_AT + entry, 64, headers_at, 0, 64, 56, 3, 64, 7, 6
    )
    out = bytearray(headers_at + len(headers))
    for at, part in (
        (0, elf_header), (64, program_headers), (TEXT_AT, code), (dynamic_at, dynamic), (symbols_at, symbols),
        (strings_at, strings), (relocations_at, relocations), (loaded_end, section_names), (headers_at, headers),
    ):  # fmt: skip
        out[at : at + len(part)] = part
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
