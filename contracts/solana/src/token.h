// SPL Token accounts and transfers, and the program-derived authority that signs for vaults.
#pragma once
#include "sbf.h"

#define TOKEN_ACCOUNT_SIZE 165
#define TOKEN_AMOUNT 64
#define TRANSFER 3

// Scratch for one CPI, in the heap.
typedef struct {
    AccountMeta metas[3];
    Instruction instruction;
    Seed seeds[3];
    SignerSeeds signer;
    u8 prefix[16];
    u8 derived[KEY];
    u8 data[16];
} TokenCall;

INLINE u64 token_balance(const Account *a) { return load64(a->data + TOKEN_AMOUNT); }

INLINE int is_token_account(const Account *a) {
    return a->data_len == TOKEN_ACCOUNT_SIZE && is_token_program(a->owner);
}

// Sets the signer seeds [b"authority", state, bump] and says whether `authority` is the address they give.
INLINE int is_authority(TokenCall *call, const u8 *program_id, const u8 *state, const u8 *bump, const u8 *authority) {
    store64(call->prefix, 0x7469726f68747561ull);  // "authorit"
    call->prefix[8] = 'y';
    call->seeds[0] = (Seed){call->prefix, 9};
    call->seeds[1] = (Seed){state, KEY};
    call->seeds[2] = (Seed){bump, 1};
    call->signer = (SignerSeeds){call->seeds, 3};
    if (sol_create_program_address(call->seeds, 3, program_id, call->derived)) return 0;
    return same_key(call->derived, authority);
}

// Moves tokens. `owner` signs by itself, or through the seeds of is_authority when `derived`.
// A failed CPI ends the whole transaction; the return value is passed on for form.
INLINE u64 transfer(TokenCall *call, const Input *in, u64 accounts_len, const Account *from, const Account *to,
                    const Account *owner, const Account *token_program, u64 amount, int derived) {
    call->metas[0] = (AccountMeta){from->key, 1, 0};
    call->metas[1] = (AccountMeta){to->key, 1, 0};
    call->metas[2] = (AccountMeta){owner->key, 0, 1};
    call->data[0] = TRANSFER;
    store64(call->data + 1, amount);
    call->instruction = (Instruction){token_program->key, call->metas, 3, call->data, 9};
    return sol_invoke_signed_c(&call->instruction, in->accounts, accounts_len, &call->signer, derived ? 1 : 0);
}
