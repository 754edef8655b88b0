"""Acts of officers: freezes, stops and resumptions, and approvals under four eyes."""
