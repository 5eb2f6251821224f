-- The top of a store's log. A store that has not begun begins.
--
-- KEYS  meta
-- ARGV  epoch for a store that begins
-- gives epoch, top, last id
local epoch, top, last = begin(KEYS[1], ARGV[1])
return {epoch, top, last}
