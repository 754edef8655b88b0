"""Taking what the bank reports into the books, each movement once."""
