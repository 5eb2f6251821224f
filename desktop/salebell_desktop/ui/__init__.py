"""What people see: tray icon, sales window, sign-in, notifications.

The views read the store and say what the user wants through `actions.Actions`; they know no network, no keyring
and no file but the window's geometry. Everything runs on Qt's thread and never waits.
"""
