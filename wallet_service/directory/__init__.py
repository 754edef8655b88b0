"""The directory: which professionals take the currency, where, when and how, as they tell it themselves."""
