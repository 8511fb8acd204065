// The part of the Solana program ABI our programs use: types, syscalls, the input parser, key comparison.
//
// No libc and no read-only data: the linker (link.py) accepts one .text section. Every function is inlined,
// and everything larger than a few words lives in the 32 KiB heap, because clang's BPF stack ends at 512 bytes.
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#define INLINE static inline __attribute__((always_inline))
#define HEAP 0x300000000ull
#define KEY 32
#define TOP_LEVEL 1  // sol_get_stack_height() of an instruction that is not a CPI

// Byte layout: solana_account_info's C ABI, which sol_invoke_signed_c reads.
typedef struct {
    u8 *key;
    u64 *lamports;
    u64 data_len;
    u8 *data;
    u8 *owner;
    u64 rent_epoch;
    u8 is_signer, is_writable, executable;
} Account;

typedef struct {
    u8 *key;
    u8 is_writable, is_signer;
} AccountMeta;

typedef struct {
    const u8 *program_id;
    AccountMeta *metas;
    u64 metas_len;
    u8 *data;
    u64 data_len;
} Instruction;

typedef struct {
    const u8 *bytes;
    u64 len;
} Seed;

typedef struct {
    Seed *seeds;
    u64 len;
} SignerSeeds;

extern u64 sol_invoke_signed_c(const void *instruction, const void *accounts, u64 accounts_len,
                               const void *signers, u64 signers_len);
extern u64 sol_create_program_address(const void *seeds, u64 seeds_len, const void *program_id, void *address);
extern u64 sol_get_stack_height(void);

// Errors both programs share; README.md lists them all. They reach the caller as Custom(n).
enum {
    ERR_INSTRUCTION = 1,
    ERR_STATE = 2,
    ERR_VAULT = 3,
    ERR_AUTHORITY = 4,
    ERR_SIGNER = 5,
    ERR_TOKEN_PROGRAM = 7,
    ERR_OVERFLOW = 8,
    ERR_ALIASED = 9,
    ERR_LIQUIDITY = 10,
    ERR_TRANSFER = 11,
    ERR_ZERO = 12,
};

// What the runtime hands to the entry point, parsed.
typedef struct {
    Account *accounts;
    u8 *data;
    u64 data_len;
    u8 *program_id;
} Input;

// Unaligned little-endian loads and stores; the virtual machine allows them.
INLINE u64 load64(const u8 *p) { return *(const u64 *)p; }
INLINE u32 load32(const u8 *p) { return *(const u32 *)p; }
INLINE u16 load16(const u8 *p) { return *(const u16 *)p; }
INLINE void store64(u8 *p, u64 value) { *(u64 *)p = value; }

INLINE int same_key(const u8 *a, const u8 *b) {
    return load64(a) == load64(b) && load64(a + 8) == load64(b + 8) && load64(a + 16) == load64(b + 16) &&
           load64(a + 24) == load64(b + 24);
}

// TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA
INLINE int is_token_program(const u8 *key) {
    return load64(key) == 0x93a165d7e1f6dd06ull && load64(key + 8) == 0xac79ebce46e1cbd9ull &&
           load64(key + 16) == 0x91375b5fed85b41cull && load64(key + 24) == 0xa900ff7e85f58c3aull;
}

// Parses exactly `wanted` accounts into `accounts`; 0 when the caller passed another number.
// A repeated account is one byte naming its first place: it shares that entry's pointers, so both names see one state.
INLINE int parse(u8 *raw, u64 wanted, Account *accounts, Input *input) {
    if (load64(raw) != wanted) return 0;
    u8 *p = raw + 8;
    for (u64 i = 0; i < wanted; i++) {
        if (*p != 0xff) {
            accounts[i] = accounts[*p];
            p += 8;
            continue;
        }
        Account *a = &accounts[i];
        a->is_signer = p[1];
        a->is_writable = p[2];
        a->executable = p[3];
        a->key = p + 8;
        a->owner = p + 40;
        a->lamports = (u64 *)(p + 72);
        a->data_len = load64(p + 80);
        a->data = p + 88;
        p += 88 + a->data_len + 10240;        // room the runtime leaves for growth
        p = (u8 *)(((u64)p + 7) & ~7ull);
        a->rent_epoch = load64(p);
        p += 8;
    }
    input->accounts = accounts;
    input->data_len = load64(p);
    input->data = p + 8;
    input->program_id = p + 8 + input->data_len;
    return 1;
}
