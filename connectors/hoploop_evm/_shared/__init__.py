"""What the EVM connectors share: transport, addresses, hex and ABI words, executor calldata, keys and nonces."""
