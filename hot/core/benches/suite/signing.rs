//! `sign_*`: filling a template, the bare signature, and both in one; `E` is the last against the middle one.

use std::hint::black_box;

use hoploop_hot::tx::{EvmKey, EvmTemplate, Slot, SolanaKey, SolanaTemplate};

use crate::clock::report;

/// All signing figures.
pub fn run() {
    solana();
    evm();
}

/// Three swaps between borrow and repay: 30 accounts, data where amounts go.
fn message(payer: &[u8; 32], amount: u64) -> Vec<u8> {
    let mut message = vec![0x80, 1, 0, 9, 25];
    message.extend(payer);
    (1..25u8).for_each(|number| message.extend([number; 32]));
    message.extend([0xaa; 32]);
    message.push(5);
    for instruction in 0..5u8 {
        message.extend([20, 8, 0, 1, 2, 3, 4, 5, 6, 7, 17, instruction]);
        message.extend(amount.to_le_bytes());
        message.extend([0; 8]);
    }
    message.push(0);
    message
}

fn solana() {
    let key = SolanaKey::new(&[1; 32]).unwrap();
    let slots: Vec<Slot> = (0..5).map(|item| Slot { item, at: 1, len: 8 }).collect();
    let mut template = SolanaTemplate::new(&message(key.public(), 0), &slots).unwrap();
    let patch = |template: &mut SolanaTemplate, amount: u64| {
        (0..slots.len()).for_each(|slot| template.set_number(slot, amount).unwrap());
        template.set_blockhash(&[0xaa; 32]);
    };
    patch(&mut template, 77);
    assert_eq!(template.message(), message(key.public(), 77));
    let bytes = template.message().to_vec();
    report("fill_sol", 100_000, |at| patch(black_box(&mut template), at as u64));
    report("sign_sol_bare", 300, |_| {
        black_box(key.sign(black_box(&bytes)).unwrap());
    });
    report("sign_sol", 300, |at| {
        patch(&mut template, at as u64);
        black_box(template.sign(&key).unwrap());
    });
}

/// `execute` of three swaps with a loan, as an unsigned EIP-1559 transaction.
fn unsigned(nonce: u8, amount: u8) -> Vec<u8> {
    let mut calldata = vec![0x7c; 4 + 32 * 26];
    (0..10).for_each(|word| calldata[4 + 64 * word..36 + 64 * word].copy_from_slice(&number(amount)));
    let mut body = vec![0x82, 0x7a, 0x69, nonce];
    (0..2).for_each(|_| body.extend([0x84, 0x77, 0x35, 0x94, 0]));
    body.extend([0x83, 9, 0x27, 0xc0, 0x94]);
    body.extend([6; 20]);
    body.push(0x80);
    body.extend([0xb9, (calldata.len() >> 8) as u8, calldata.len() as u8]);
    body.extend(calldata);
    body.push(0xc0);
    let mut out = vec![2, 0xf9, (body.len() >> 8) as u8, body.len() as u8];
    out.extend(body);
    out
}

fn number(value: u8) -> [u8; 32] {
    let mut word = [0; 32];
    word[31] = value;
    word
}

fn evm() {
    let key = EvmKey::new(&[1; 32]).unwrap();
    let slots: Vec<Slot> = (0..10).map(|word| Slot { item: 7, at: 4 + 64 * word, len: 32 }).collect();
    let mut template = EvmTemplate::new(&unsigned(1, 0), &slots).unwrap();
    let patch = |template: &mut EvmTemplate, nonce: u8, amount: u8| {
        (0..slots.len()).for_each(|slot| template.set_number(slot, amount.into()).unwrap());
        template.set_nonce(&[nonce]).unwrap();
    };
    patch(&mut template, 5, 77);
    assert_eq!(template.unsigned(), unsigned(5, 77));
    report("fill_evm", 100_000, |at| {
        patch(&mut template, at as u8, 7);
        black_box(template.unsigned());
    });
    report("sign_evm_bare", 300, |at| {
        black_box(key.sign(black_box([at as u8; 32])).unwrap());
    });
    report("sign_evm", 300, |at| {
        patch(&mut template, at as u8, 7);
        black_box(template.sign(&key).unwrap());
    });
}
