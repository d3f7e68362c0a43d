"""What has to happen in Redis in one step: Lua, run by ``EVAL``."""

__all__ = ['DELETED', 'FULFIL', 'GIVE_UP', 'INCR', 'LEASE']

DELETED = 'deleted'
"""What takes the place of a lease for a while when its entry is deleted."""

LEASE = """
local held = redis.call('GET', KEYS[1])
if held and held ~= 'deleted' then
    return 0
end
local token = ARGV[1]
if held then
    token = 'deleted:' .. token
end
redis.call('SET', KEYS[1], token, 'PX', ARGV[2])
return 1
"""
"""Take a lease (``KEYS[1]``, token, milliseconds); one that follows a deletion says so."""

FULFIL = """
local held = redis.call('GET', KEYS[2])
local is_own = held == ARGV[1] or held == 'deleted:' .. ARGV[1]
if held and not is_own and string.sub(held, 1, 7) == 'deleted' then
    return 0
end
if ARGV[3] == '' then
    redis.call('SET', KEYS[1], ARGV[2])
elseif ARGV[3] == '0' then
    redis.call('DEL', KEYS[1])
else
    redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
end
if is_own then
    redis.call('DEL', KEYS[2])
end
return 1
"""
"""Make the entry ``KEYS[1]`` (token, value, milliseconds) unless it was deleted since its lease ``KEYS[2]`` began."""

GIVE_UP = """
local held = redis.call('GET', KEYS[1])
if held == ARGV[1] or held == 'deleted:' .. ARGV[1] then
    redis.call('DEL', KEYS[1])
end
"""
"""End a lease (``KEYS[1]``, token)."""

INCR = """
local is_new = redis.call('EXISTS', KEYS[1]) == 0
local sum = redis.call('INCRBY', KEYS[1], ARGV[1])
if is_new then
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return sum
"""
"""Add to the number ``KEYS[1]`` (amount, milliseconds for a new one)."""
