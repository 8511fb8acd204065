"""What the Solana connectors share: transport, account reading, addresses and the step type."""
