// Reader of the instructions sysvar: u16 count, u16 offsets[count], instructions, and u16 current index at the end.
// One instruction: u16 n, n * (u8 flags, key), program id, u16 length, data. The runtime writes it; the key is the proof.
#pragma once
#include "sbf.h"

typedef struct {
    u16 accounts_len;
    const u8 *first_account;  // key of account 0; only to be read when accounts_len > 0
    const u8 *program_id;
    u16 data_len;
    const u8 *data;
} Listed;

// Sysvar1nstructions1111111111111111111111111
INLINE int is_instructions_sysvar(const u8 *key) {
    return load64(key) == 0x66d17b1817d5a706ull && load64(key + 8) == 0xc0c2fd5504d4da35ull &&
           load64(key + 16) == 0xa57556218fc624c1ull && load64(key + 24) == 0x000000085fcbbadbull;
}

INLINE u16 listed_count(const Account *sysvar) { return load16(sysvar->data); }

INLINE u16 current_index(const Account *sysvar) { return load16(sysvar->data + sysvar->data_len - 2); }

// `index` must be below listed_count.
INLINE Listed listed(const Account *sysvar, u16 index) {
    const u8 *p = sysvar->data + load16(sysvar->data + 2 + 2 * (u64)index);
    Listed found;
    found.accounts_len = load16(p);
    found.first_account = p + 3;
    p += 2 + (u64)found.accounts_len * (1 + KEY);
    found.program_id = p;
    found.data_len = load16(p + KEY);
    found.data = p + KEY + 2;
    return found;
}
