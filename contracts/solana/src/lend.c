// Flash lender: what is borrowed must come back, with its fee, later in the same transaction. See ../README.md.
#include "exact.h"
#include "sbf.h"
#include "sysvar.h"
#include "token.h"

#define RESERVE_SIZE 96
#define RESERVE_MAGIC 0x31444e454c504f48ull  // "HOPLEND1"
#define BORROW 1
#define BORROW_SIZE 9
#define REPAY 2
#define REPAY_SIZE 10
#define ACCOUNTS 6

enum {
    ERR_NOT_TOP_LEVEL = 20,
    ERR_SYSVAR = 21,
    ERR_NO_REPAY = 22,
    ERR_REPAY_MISMATCH = 23,
    ERR_BORROW_IN_FLIGHT = 24,
    ERR_NO_BORROW = 25,
    ERR_DISABLED = 26,
    ERR_ALREADY_REPAID = 27,
};
enum { FEE_NUM = 8, FEE_DEN = 12, BUMP = 16, ENABLED = 17, VAULT = 56, FEES_COLLECTED = 88 };

typedef struct {
    Account accounts[ACCOUNTS];
    Input input;
    TokenCall call;
} Scratch;

INLINE u64 check_reserve(const Account *reserve, const u8 *program_id) {
    if (!same_key(reserve->owner, program_id) || reserve->data_len != RESERVE_SIZE ||
        load64(reserve->data) != RESERVE_MAGIC || !reserve->is_writable)
        return ERR_STATE;
    if (load32(reserve->data + FEE_NUM) >= load32(reserve->data + FEE_DEN)) return ERR_STATE;
    return reserve->data[ENABLED] == 1 ? 0 : ERR_DISABLED;
}

// Is this listed instruction one of ours, of this kind, on this reserve?
INLINE int is_ours(const Listed *it, const u8 *program_id, const u8 *reserve, u8 tag, u16 size) {
    return same_key(it->program_id, program_id) && it->accounts_len > 0 && same_key(it->first_account, reserve) &&
           it->data_len == size && it->data[0] == tag;
}

// The first instruction on this reserve after the borrow must be its repay: same amount, pointing back here.
INLINE u64 check_repay_follows(const Account *sysvar, const u8 *program_id, const u8 *reserve, u64 amount) {
    u16 here = current_index(sysvar), count = listed_count(sysvar);
    for (u16 i = here + 1; i < count; i++) {
        Listed it = listed(sysvar, i);
        if (is_ours(&it, program_id, reserve, BORROW, BORROW_SIZE)) return ERR_BORROW_IN_FLIGHT;
        if (!is_ours(&it, program_id, reserve, REPAY, REPAY_SIZE)) continue;
        return load64(it.data + 1) == amount && it.data[9] == here ? 0 : ERR_REPAY_MISMATCH;
    }
    return ERR_NO_REPAY;
}

// The named borrow must exist before the repay, on this reserve, for this amount, and not be repaid already.
INLINE u64 check_borrow_precedes(const Account *sysvar, const u8 *program_id, const u8 *reserve, u64 amount, u8 index) {
    u16 here = current_index(sysvar);
    if (index >= here) return ERR_NO_BORROW;
    Listed borrow = listed(sysvar, index);
    if (!is_ours(&borrow, program_id, reserve, BORROW, BORROW_SIZE) || load64(borrow.data + 1) != amount)
        return ERR_NO_BORROW;
    for (u16 i = index + 1; i < here; i++) {
        Listed it = listed(sysvar, i);
        if (is_ours(&it, program_id, reserve, REPAY, REPAY_SIZE)) return ERR_ALREADY_REPAID;
    }
    return 0;
}

INLINE u64 borrow(Scratch *s) {
    Input *in = &s->input;
    Account *reserve = &s->accounts[0], *authority = &s->accounts[1], *vault = &s->accounts[2];
    Account *destination = &s->accounts[3], *sysvar = &s->accounts[4], *token_program = &s->accounts[5];
    u64 amount = load64(in->data + 1);

    u64 wrong = check_reserve(reserve, in->program_id);
    if (wrong) return wrong;
    if (!same_key(vault->key, reserve->data + VAULT) || !is_token_account(vault)) return ERR_VAULT;
    if (same_key(destination->key, vault->key)) return ERR_ALIASED;
    if (!is_instructions_sysvar(sysvar->key)) return ERR_SYSVAR;
    if (!is_token_program(token_program->key)) return ERR_TOKEN_PROGRAM;
    if (!is_authority(&s->call, in->program_id, reserve->key, reserve->data + BUMP, authority->key))
        return ERR_AUTHORITY;
    if (amount == 0) return ERR_ZERO;
    if (amount + fee_of(amount, load32(reserve->data + FEE_NUM), load32(reserve->data + FEE_DEN)) < amount)
        return ERR_OVERFLOW;
    u64 before = token_balance(vault);
    if (before < amount) return ERR_LIQUIDITY;
    wrong = check_repay_follows(sysvar, in->program_id, reserve->key, amount);
    if (wrong) return wrong;

    wrong = transfer(&s->call, in, ACCOUNTS, vault, destination, authority, token_program, amount, 1);
    if (wrong) return wrong;
    return before - token_balance(vault) == amount ? 0 : ERR_TRANSFER;
}

INLINE u64 repay(Scratch *s) {
    Input *in = &s->input;
    Account *reserve = &s->accounts[0], *vault = &s->accounts[1], *source = &s->accounts[2];
    Account *payer = &s->accounts[3], *sysvar = &s->accounts[4], *token_program = &s->accounts[5];
    u64 amount = load64(in->data + 1);

    u64 wrong = check_reserve(reserve, in->program_id);
    if (wrong) return wrong;
    if (!same_key(vault->key, reserve->data + VAULT) || !is_token_account(vault)) return ERR_VAULT;
    if (same_key(source->key, vault->key)) return ERR_ALIASED;
    if (!is_instructions_sysvar(sysvar->key)) return ERR_SYSVAR;
    if (!is_token_program(token_program->key)) return ERR_TOKEN_PROGRAM;
    if (!payer->is_signer) return ERR_SIGNER;
    wrong = check_borrow_precedes(sysvar, in->program_id, reserve->key, amount, in->data[9]);
    if (wrong) return wrong;

    u64 fee = fee_of(amount, load32(reserve->data + FEE_NUM), load32(reserve->data + FEE_DEN));
    u64 owed = amount + fee, before = token_balance(vault), fees = load64(reserve->data + FEES_COLLECTED);
    if (owed < amount || before + owed < before || fees + fee < fees) return ERR_OVERFLOW;
    wrong = transfer(&s->call, in, ACCOUNTS, source, vault, payer, token_program, owed, 0);
    if (wrong) return wrong;
    if (token_balance(vault) - before != owed) return ERR_TRANSFER;
    store64(reserve->data + FEES_COLLECTED, fees + fee);
    return 0;
}

u64 entrypoint(u8 *raw) {
    Scratch *s = (Scratch *)HEAP;
    if (!parse(raw, ACCOUNTS, s->accounts, &s->input)) return ERR_INSTRUCTION;
    if (sol_get_stack_height() != TOP_LEVEL) return ERR_NOT_TOP_LEVEL;
    if (s->input.data_len == BORROW_SIZE && s->input.data[0] == BORROW) return borrow(s);
    if (s->input.data_len == REPAY_SIZE && s->input.data[0] == REPAY) return repay(s);
    return ERR_INSTRUCTION;
}
