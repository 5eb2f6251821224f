-- The head of a store; a store that has not begun begins here, with the epoch that is given.
local function begin(meta, new_epoch)
  local epoch, top, last, first, change = unpack(redis.call('HMGET', meta, 'epoch', 'top', 'last', 'first', 'change'))
  if not epoch then
    epoch, top, last, first, change = new_epoch, '0', '', '1', '0'
    redis.call('HSET', meta, 'epoch', epoch, 'top', top, 'last', last, 'first', first, 'change', change)
  end
  return epoch, top, last, first, change
end
