"""What people and programs read and write: amounts, names, references, QR texts, CSV."""
