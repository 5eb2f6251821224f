"""The bell in the tray, and the menu behind it."""
