// Constant-product pool with a fee: layout, instruction and errors in ../README.md.
#include "exact.h"
#include "sbf.h"
#include "token.h"

#define POOL_SIZE 176
#define POOL_MAGIC 0x31304d4d41504f48ull  // "HOPAMM01"
#define SWAP 1
#define SWAP_SIZE 17
#define ACCOUNTS 8

enum { ERR_MIN_OUT = 6 };
enum { FEE_NUM = 8, FEE_DEN = 12, BUMP = 16, VAULT_A = 88, VAULT_B = 120, RESERVE_A = 152, RESERVE_B = 160, SWAPS = 168 };

typedef struct {
    Account accounts[ACCOUNTS];
    Input input;
    TokenCall call;
} Scratch;

u64 entrypoint(u8 *raw) {
    Scratch *s = (Scratch *)HEAP;
    if (!parse(raw, ACCOUNTS, s->accounts, &s->input)) return ERR_INSTRUCTION;
    Input *in = &s->input;
    if (in->data_len != SWAP_SIZE || in->data[0] != SWAP) return ERR_INSTRUCTION;
    Account *pool = &s->accounts[0], *authority = &s->accounts[1];
    Account *vault_in = &s->accounts[2], *vault_out = &s->accounts[3];
    Account *user_in = &s->accounts[4], *user_out = &s->accounts[5];
    Account *user = &s->accounts[6], *token_program = &s->accounts[7];
    u64 amount_in = load64(in->data + 1), min_out = load64(in->data + 9);

    if (!same_key(pool->owner, in->program_id) || pool->data_len != POOL_SIZE || load64(pool->data) != POOL_MAGIC ||
        !pool->is_writable)
        return ERR_STATE;
    u32 fee_num = load32(pool->data + FEE_NUM), fee_den = load32(pool->data + FEE_DEN);
    if (fee_num >= fee_den) return ERR_STATE;
    int a_to_b = same_key(vault_in->key, pool->data + VAULT_A) && same_key(vault_out->key, pool->data + VAULT_B);
    int b_to_a = same_key(vault_in->key, pool->data + VAULT_B) && same_key(vault_out->key, pool->data + VAULT_A);
    if (a_to_b == b_to_a) return ERR_VAULT;  // neither, or a pool whose two vaults are one account
    if (!is_token_account(vault_in) || !is_token_account(vault_out)) return ERR_VAULT;
    if (!is_token_program(token_program->key)) return ERR_TOKEN_PROGRAM;
    if (!user->is_signer) return ERR_SIGNER;
    if (same_key(user_in->key, user_out->key) || same_key(user_in->key, vault_in->key) ||
        same_key(user_in->key, vault_out->key) || same_key(user_out->key, vault_in->key) ||
        same_key(user_out->key, vault_out->key))
        return ERR_ALIASED;
    if (!is_authority(&s->call, in->program_id, pool->key, pool->data + BUMP, authority->key)) return ERR_AUTHORITY;

    u8 *reserve_in = pool->data + (a_to_b ? RESERVE_A : RESERVE_B);
    u8 *reserve_out = pool->data + (a_to_b ? RESERVE_B : RESERVE_A);
    u64 have_in = load64(reserve_in), have_out = load64(reserve_out);
    if (amount_in == 0) return ERR_ZERO;
    if (have_in == 0 || have_out == 0) return ERR_LIQUIDITY;
    if (have_in + amount_in < have_in) return ERR_OVERFLOW;
    u64 net = amount_in - fee_of(amount_in, fee_num, fee_den);
    u64 out = mul_div(have_out, net, have_in + net);
    if (out == 0) return ERR_ZERO;
    if (out >= have_out) return ERR_LIQUIDITY;
    if (out < min_out) return ERR_MIN_OUT;

    u64 before_in = token_balance(vault_in), before_out = token_balance(vault_out);
    u64 failed = transfer(&s->call, in, ACCOUNTS, user_in, vault_in, user, token_program, amount_in, 0);
    if (failed) return failed;
    failed = transfer(&s->call, in, ACCOUNTS, vault_out, user_out, authority, token_program, out, 1);
    if (failed) return failed;
    if (token_balance(vault_in) - before_in != amount_in || before_out - token_balance(vault_out) != out)
        return ERR_TRANSFER;

    store64(reserve_in, have_in + amount_in);
    store64(reserve_out, have_out - out);
    store64(pool->data + SWAPS, load64(pool->data + SWAPS) + 1);
    return 0;
}
