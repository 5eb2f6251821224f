"""All that the user sees, put together: tray, windows and notifications of one desk."""

from collections.abc import Callable
from pathlib import Path

import msgspec
from PySide6.QtCore import QLocale, QObject
from PySide6.QtWidgets import QApplication

from salebell_desktop.platform.notifier import FirstThatWorks, Notifier, NullNotifier
from salebell_desktop.platform.sound import MiniaudioSound, SoundPlayer
from salebell_desktop.platform.system_notifier import SystemNotifier
from salebell_desktop.platform.tray_notifier import TrayNotifier
from salebell_desktop.settings import Settings, SettingsStore, ThemeChoice
from salebell_desktop.store import Account, AccountChanged, Change, Desk
from salebell_desktop.ui.actions import Actions, KnownAccount
from salebell_desktop.ui.clock import Clock
from salebell_desktop.ui.format import Format
from salebell_desktop.ui.language import Language, install
from salebell_desktop.ui.notifications.ringing import Notifications
from salebell_desktop.ui.reasons import translated
from salebell_desktop.ui.sales.details import open_in_browser
from salebell_desktop.ui.sales.window import SalesWindow
from salebell_desktop.ui.settings.window import SettingsWindow
from salebell_desktop.ui.sign_in.window import SignInWindow
from salebell_desktop.ui.sign_out import SignOutQuestion
from salebell_desktop.ui.theme import Theme
from salebell_desktop.ui.tokens import Scheme
from salebell_desktop.ui.tray.icon import application_icon, draw_application
from salebell_desktop.ui.tray.menu import ApplicationMenu
from salebell_desktop.ui.tray.tray import Tray
from salebell_desktop.ui.words import Words

NAME = "Salebell"
DESKTOP_FILE = "salebell"
"""The name of the .desktop file: taskbars and docks find the application's badge by it."""
_ICON = "icon.png"
_ICON_SIZE = 128


class Places(msgspec.Struct, frozen=True, kw_only=True):
    """Directories that exist.

    Attributes:
        settings: for what the windows remember.
        cache: for the picture that notifications show.
    """

    settings: Path
    cache: Path


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """What differs from how the system is set up.

    Attributes:
        locale: of the user; None is the system's.
        scheme: light or dark; None is what the settings say.
        server: what the sign-in window offers when it remembers none.
        hidden: no window opens by itself, tray or not.
        signs_in: somebody is being signed in already: nobody is asked to at the start.
        notifier: how notifications are shown; None is the best that the system has.
        sounds: how they are heard; None is through the system's loudspeakers.
    """

    locale: QLocale | None = None
    scheme: Scheme | None = None
    server: str = ""
    hidden: bool = False
    signs_in: bool = False
    notifier: Notifier | None = None
    sounds: SoundPlayer | None = None


class Shell(QObject):
    """Shows `desk`, and says what the user wants through `actions`.

    Args:
        application: of Qt; it gets name, icon, look and language.
        desk: the store of everything.
        actions: what the user may want.
        settings: what the user chose.
        places: where to remember things.
        preferences: what differs from the system.
        clock: the time.
        open_url: opens a page in a browser.
    """

    def __init__(
        self,
        application: QApplication,
        desk: Desk,
        actions: Actions,
        settings: SettingsStore,
        places: Places,
        preferences: Preferences | None = None,
        clock: Clock | None = None,
        open_url: Callable[[str], None] = open_in_browser,
    ) -> None:
        super().__init__()
        self._desk = desk
        self._places = places
        self._preferences = preferences or Preferences()
        clock = clock or Clock()
        locale = _usable(self._preferences.locale or QLocale.system())
        self.language = set_up_application(application, spoken(settings.now, locale))
        self.theme = Theme(application, self._preferences.scheme or scheme_of(settings.now))
        words = Words(Format(locale))
        self._menus = [
            ApplicationMenu(desk, actions, settings, self.theme, words, clock, opens=opens) for opens in (True, False)
        ]
        self.tray = Tray(desk, self._menus[0], words, clock)
        self._actions = actions
        self._settings = settings
        self._words = words
        self._settings_window: SettingsWindow | None = None
        self.window = SalesWindow(
            desk, actions, settings, self.theme, words, clock, self._menus[1], places.settings, open_url
        )
        self.sign_in = SignInWindow(actions, self.theme, places.settings, self._preferences.server)
        notifier = self._preferences.notifier or self._notifiers(clock)
        sounds = self._preferences.sounds or MiniaudioSound(NAME)
        self.notifications = Notifications(
            desk, notifier, sounds, settings, words, lambda: self.window.looking_at, clock
        )
        self._adding = False
        self._question: SignOutQuestion | None = None
        self._connect()
        self._ends = (desk.observe(self._changed), settings.observe(self._settings_changed))

    def start(self) -> None:
        """Appear: in the tray; with a window if nobody is signed in, or if there is no tray."""
        self.tray.start()
        self.window.stays_in_taskbar = not self.tray.available
        if self._preferences.hidden:
            return
        if self._desk.account is None:
            if not self._preferences.signs_in:
                self.ask_to_sign_in()
        elif not self.tray.available:
            self.window.present()

    def come_to_front(self) -> None:
        """Somebody started the application again: show what they are looking for."""
        if self._desk.account is None:
            self.ask_to_sign_in()
        else:
            self.open_sales()

    def open_sales(self, store: str = "") -> None:
        """Bring the sales window up, with `store` if that is one of the admin's."""
        self.window.present(store)

    @property
    def settings(self) -> SettingsWindow:
        """The settings window, made when it is first wanted: few ever open it."""
        if self._settings_window is None:
            self._settings_window = SettingsWindow(self._settings, self.theme, self._words)
            self._settings_window.test_wanted.connect(self.notifications.test)
        return self._settings_window

    def open_settings(self) -> None:
        """Bring the settings window up."""
        self.settings.present()

    def ask_to_sign_in(self) -> None:
        """Bring the sign-in window up, with the reason if there is one, for the account whose session ended if one did.

        What somebody types into the window already is left as it is.
        """
        self._adding = False
        reason = self._desk.sign_in_reason
        account = None if self.sign_in.isVisible() else self._left(reason)
        self.sign_in.present(translated(reason), account=account)

    def add_account(self) -> None:
        """Bring the sign-in window up for another account. The session that there is goes on."""
        self._adding = self._desk.account is not None
        self.sign_in.present(another=self._adding)

    def use_account(self, account: KnownAccount) -> None:
        """Show another account; one that is signed out is asked to sign in first, and the session goes on meanwhile."""
        if account.signed_in:
            self._actions.switch_account(account.server, account.uid)
            self.sign_in.reject()
            self.open_sales()
        else:
            self._adding = self._desk.account is not None
            self.sign_in.present(account=account)

    def ask_to_sign_out(self) -> None:
        """Ask whether everything of the account is to be forgotten, and do so if it is."""
        account = self._desk.account
        if account is None:
            return
        if self._question is None:
            self._question = SignOutQuestion(account, self.window if self.window.isVisible() else None)
            self._question.accepted.connect(self._actions.sign_out)
            self._question.finished.connect(self._answered)
            self._question.open()
        self._question.raise_()
        self._question.activateWindow()

    def close(self) -> None:
        """Take everything off the screen, and listen no more."""
        for end in self._ends:
            end()
        self._withdraw_question()
        for menu in self._menus:
            menu.end()
        self.notifications.close()
        self.sign_in.reject()
        self.window.end()
        if self._settings_window is not None:
            self._settings_window.end()
        self.tray.close()

    async def settle(self) -> None:
        """Wait for the end of what `close` gave up."""
        await self.sign_in.settle()

    def _connect(self) -> None:
        self.tray.clicked.connect(self._tray_clicked)
        self.tray.availability_changed.connect(self._tray_came_or_went)
        self.window.sign_in_wanted.connect(self.ask_to_sign_in)
        for menu in self._menus:
            menu.open_wanted.connect(self.window.present)
            menu.settings_wanted.connect(self.open_settings)
            menu.sign_in_wanted.connect(self.ask_to_sign_in)
            menu.another_wanted.connect(self.add_account)
            menu.account_wanted.connect(self.use_account)
            menu.sign_out_wanted.connect(self.ask_to_sign_out)
        self.notifications.open_wanted.connect(self._open_wanted)
        self.window.settings_wanted.connect(self.open_settings)
        self.sign_in.signed_in.connect(self._signed_in)
        self.sign_in.switched.connect(self.open_sales)

    def _changed(self, change: Change) -> None:
        if not isinstance(change, AccountChanged):
            return
        account = self._desk.account
        if self._question is not None and not _same(self._question.account, account):
            self._withdraw_question()
        if account is not None:
            # A window that adds an account is nobody else's; one whose own sign-in this is closes itself.
            if not self._adding and not self.sign_in.busy:
                self.sign_in.reject()
        elif self._desk.sign_in_reason and not self._preferences.hidden:
            self.ask_to_sign_in()

    def _signed_in(self) -> None:
        # Who was somebody else before wants to see the difference. Without a tray there is nothing else to see.
        if self._adding or not self.tray.available:
            self.open_sales()
        self._adding = False

    def _left(self, reason: str) -> KnownAccount | None:
        """Who would have to sign in again to go on: the account used last, unless another server was asked for."""
        last = next(iter(self._actions.accounts()), None)
        if last is None or last.signed_in or (self._preferences.server and not reason):
            return None
        return last

    def _withdraw_question(self) -> None:
        if self._question is not None:
            self._question.reject()

    def _answered(self) -> None:
        self._question = None

    def _tray_clicked(self) -> None:
        if self._desk.account is None:
            self.ask_to_sign_in()
        else:
            self.window.toggle()

    def _tray_came_or_went(self) -> None:
        self.window.stays_in_taskbar = not self.tray.available

    def _open_wanted(self, store: str, sale: str) -> None:
        """A notification was clicked."""
        if self._desk.account is None:
            self.ask_to_sign_in()
        else:
            self.window.present(store, sale)

    def _settings_changed(self, before: Settings, now: Settings) -> None:
        if before.theme is not now.theme and self._preferences.scheme is None:
            self.theme.hold(scheme_of(now))

    def _notifiers(self, clock: Clock) -> Notifier:
        balloon = TrayNotifier(lambda: self.tray.icon)
        self.tray.message_clicked.connect(balloon.message_clicked)
        system = SystemNotifier(NAME, lambda: picture(self._places.cache))
        return FirstThatWorks([system, balloon, NullNotifier()], clock.steady)


def spoken(settings: Settings, locale: QLocale) -> QLocale:
    """Of whose language the program is: the chosen one, or the user's own."""
    return QLocale(settings.language) if settings.language else locale


def scheme_of(settings: Settings) -> Scheme | None:
    """The scheme that was chosen; None follows the system."""
    return {ThemeChoice.LIGHT: Scheme.LIGHT, ThemeChoice.DARK: Scheme.DARK}.get(settings.theme)


def picture(directory: Path) -> Path | None:
    """The application's icon as a file in `directory`, for whoever shows notifications; None when it cannot be one."""
    path = directory / _ICON
    return path if path.exists() or draw_application(_ICON_SIZE).save(str(path)) else None


def _same(one: Account, other: Account | None) -> bool:
    return other is not None and (one.server, one.uid) == (other.server, other.uid)


def _usable(locale: QLocale) -> QLocale:
    """A computer that was told no locale has that of the C language, which groups no digits and knows no currency."""
    return QLocale(QLocale.Language.English) if locale.language() is QLocale.Language.C else locale


def set_up_application(application: QApplication, locale: QLocale) -> Language:
    """Give the application its name, icon and language; the answer is the language."""
    application.setApplicationName(NAME)
    application.setApplicationDisplayName(NAME)
    application.setDesktopFileName(DESKTOP_FILE)
    application.setQuitOnLastWindowClosed(False)
    application.setWindowIcon(application_icon())
    return install(application, locale)
