"""What a connector implements and offers."""
