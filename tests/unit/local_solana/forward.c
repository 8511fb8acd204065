// Test only: calls the program in account 0 with all other accounts and the same data, to try what must be top level.
#include "../../../contracts/solana/src/sbf.h"

#define ACCOUNTS 7

typedef struct {
    Account accounts[ACCOUNTS];
    AccountMeta metas[ACCOUNTS];
    Instruction instruction;
    Input input;
} Scratch;

u64 entrypoint(u8 *raw) {
    Scratch *s = (Scratch *)HEAP;
    if (!parse(raw, ACCOUNTS, s->accounts, &s->input)) return ERR_INSTRUCTION;
    for (int i = 1; i < ACCOUNTS; i++)
        s->metas[i - 1] = (AccountMeta){s->accounts[i].key, s->accounts[i].is_writable, s->accounts[i].is_signer};
    s->instruction = (Instruction){s->accounts[0].key, s->metas, ACCOUNTS - 1, s->input.data, s->input.data_len};
    return sol_invoke_signed_c(&s->instruction, s->accounts, ACCOUNTS, s->metas, 0);
}
