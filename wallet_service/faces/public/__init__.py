"""The public page: reserve over supply, for anybody."""
