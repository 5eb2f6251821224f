from salebell_desktop.platform.notifier import RETRY_SECONDS, FirstThatWorks, Note, Notifier, NullNotifier

NOTE = Note(title="$ 15.999,00 · sale 1", store="main", sale="s1")


class Way(Notifier):
    """Works, or not."""

    def __init__(self, *, works: bool) -> None:
        super().__init__()
        self.works = works
        self.tried = 0
        self.cleared: list[str | None] = []

    async def show(self, note: Note) -> bool:
        self.tried += 1
        return self.works

    async def clear(self, store: str | None = None) -> None:
        self.cleared.append(store)

    def answer(self) -> None:
        """The user clicks, and has seen everything."""
        self._clicked(NOTE)
        self._all_seen()


class Clock:
    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


async def test_the_first_way_that_works_shows_it() -> None:
    ways = [Way(works=False), Way(works=True), Way(works=True)]

    assert await FirstThatWorks(ways, Clock()).show(NOTE)

    assert [way.tried for way in ways] == [1, 1, 0]


async def test_a_way_that_failed_is_left_alone_for_a_while() -> None:
    clock = Clock()
    ways = [Way(works=False), Way(works=True)]
    notifier = FirstThatWorks(ways, clock)
    await notifier.show(NOTE)
    ways[0].works = True

    clock.now += RETRY_SECONDS - 1
    await notifier.show(NOTE)
    assert [way.tried for way in ways] == [1, 2]

    clock.now += 1
    await notifier.show(NOTE)
    await notifier.show(NOTE)
    assert [way.tried for way in ways] == [3, 2]


async def test_when_nothing_works_that_is_said() -> None:
    notifier = FirstThatWorks([Way(works=False)], Clock())

    assert not await notifier.show(NOTE)
    assert not await notifier.show(NOTE)


async def test_all_ways_take_back_what_they_show() -> None:
    ways = [Way(works=True), Way(works=True)]
    notifier = FirstThatWorks(ways, Clock())

    await notifier.clear()
    await notifier.clear("main")

    assert [way.cleared for way in ways] == [[None, "main"]] * 2
    notifier.close()


def test_all_ways_tell_what_the_user_does() -> None:
    ways = [Way(works=True), Way(works=False)]
    told: list[Note | str] = []
    FirstThatWorks(ways, Clock()).answer_to(told.append, lambda: told.append("all seen"))

    for way in ways:
        way.answer()

    assert told == [NOTE, "all seen"] * 2


async def test_the_null_notifier_always_works() -> None:
    notifier = NullNotifier()

    assert await notifier.show(NOTE)
    await notifier.clear()
    notifier.close()


def test_a_note_that_nobody_asks_about_may_be_clicked() -> None:
    Way(works=True).answer()
