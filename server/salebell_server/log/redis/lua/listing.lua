-- The first sales of a page, and what it tells besides, at one instant. A store that has not begun begins.
--
-- KEYS  meta sales created latest cursors
-- ARGV  epoch for a store that begins, admin, bounds as ZRANGEBYLEX has them, most sales
-- gives {epoch, top, last id, count}, members of `created`, and their records
local meta, sales, created, latest, cursors = unpack(KEYS)
local new_epoch, admin, low, high, most = unpack(ARGV)

local epoch, top, last = begin(meta, new_epoch)
local seen = redis.call('HGET', cursors, admin)
local count = seen and redis.call('ZCOUNT', latest, '(' .. seen, '+inf') or 0
local head = {epoch, top, last, count}

local members = redis.call('ZRANGEBYLEX', created, low, high, 'LIMIT', 0, most)
if #members == 0 then
  return {head, members, {}}
end
local sale_ids = {}
for n, member in ipairs(members) do
  sale_ids[n] = string.sub(member, 19)
end
return {head, members, redis.call('HMGET', sales, unpack(sale_ids))}
