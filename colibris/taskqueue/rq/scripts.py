"""What has to happen in one step, as Lua scripts that Redis runs."""

from rq.job import Job

__all__ = ['CANCEL', 'CLAIM', 'ELECT', 'PLACE', 'PLACE_TICK', 'PLACE_UNIQUE', 'PROMOTE', 'RESTORE', 'RETRY']

_JOB = f"'{Job.redis_job_namespace_prefix}'"

_NOW = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
"""

PLACE = """
-- KEYS: job, queue, scheduled, queues, bell    ARGV: id, due or '', field, value, ...
redis.call('HSET', KEYS[1], unpack(ARGV, 3))
redis.call('SADD', KEYS[4], KEYS[2])
if ARGV[2] == '' then
    redis.call('RPUSH', KEYS[2], ARGV[1])
    redis.call('XADD', KEYS[5], 'MAXLEN', 1, '*', 'id', ARGV[1])
else
    redis.call('HSET', KEYS[1], 'due', ARGV[2])
    redis.call('ZADD', KEYS[3], ARGV[2], ARGV[1])
end
return ARGV[1]
"""
"""Save a job, and put it into its queue or among those that are not due."""

PLACE_UNIQUE = (
    f"""
-- KEYS[6]: the unique key; it may outlive its job, whose status says whether it counts.
local holder = redis.call('GET', KEYS[6])
if holder then
    local status = redis.call('HGET', {_JOB} .. holder, 'status')
    if status == 'queued' or status == 'scheduled' or status == 'started' then
        return holder
    end
end
redis.call('SET', KEYS[6], ARGV[1])
"""
    + PLACE
)
"""The same, unless another one of its kind waits or runs; that one's id comes back then."""

PLACE_TICK = (
    """
-- KEYS[6], KEYS[7]: leader, ticks    The last three of ARGV: fence, name of the schedule, tick
local tick, name, fence = table.remove(ARGV), table.remove(ARGV), table.remove(ARGV)
if redis.call('GET', KEYS[6]) ~= fence then
    return 'fenced'
end
local last = redis.call('HGET', KEYS[7], name)
if last and tonumber(last) >= tonumber(tick) then
    return 'done'
end
redis.call('HSET', KEYS[7], name, tick)
"""
    + PLACE
)
"""The same for a tick of a schedule, unless it has been enqueued, or another scheduler leads by now."""

ELECT = """
-- KEYS: leader, fence    ARGV: own fence or '', milliseconds
local leader = redis.call('GET', KEYS[1])
if leader and leader ~= ARGV[1] then
    return false
end
if not leader then
    leader = tostring(redis.call('INCR', KEYS[2]))
end
redis.call('SET', KEYS[1], leader, 'PX', ARGV[2])
return leader
"""
"""Lead, or go on leading: gives the fence, a number that only grows."""

PROMOTE = (
    _NOW
    + f"""
-- KEYS: scheduled, queue, bell    ARGV: limit, time of enqueuing
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.6f', now), 'LIMIT', 0, ARGV[1])
for _, id in ipairs(ids) do
    redis.call('ZREM', KEYS[1], id)
    if redis.call('HGET', {_JOB} .. id, 'status') == 'scheduled' then
        redis.call('HSET', {_JOB} .. id, 'status', 'queued', 'enqueued_at', ARGV[2])
        redis.call('RPUSH', KEYS[2], id)
        redis.call('XADD', KEYS[3], 'MAXLEN', 1, '*', 'id', id)
    end
end
return #ids
"""
)
"""Put jobs that have become due into their queue."""

CLAIM = (
    _NOW
    + """
-- KEYS: job, intermediate, scheduled, rate    ARGV: id, count, seconds
if redis.call('HGET', KEYS[1], 'status') ~= 'queued' then
    redis.call('LREM', KEYS[2], 1, ARGV[1])
    return 'gone'
end
local count = tonumber(ARGV[2])
if count == 0 or redis.call('HDEL', KEYS[1], 'rate_granted') == 1 then
    return 'run'
end
local start = now
local oldest = redis.call('LINDEX', KEYS[4], count - 1)
if oldest and tonumber(oldest) + tonumber(ARGV[3]) > now then
    start = tonumber(oldest) + tonumber(ARGV[3])
end
local text = string.format('%.6f', start)
redis.call('LPUSH', KEYS[4], text)
redis.call('LTRIM', KEYS[4], 0, count - 1)
redis.call('EXPIRE', KEYS[4], math.ceil(start - now + tonumber(ARGV[3])) + 1)
if start == now then
    return 'run'
end
redis.call('HSET', KEYS[1], 'status', 'scheduled', 'due', text, 'rate_granted', 1)
redis.call('ZADD', KEYS[3], text, ARGV[1])
redis.call('LREM', KEYS[2], 1, ARGV[1])
return 'later'
"""
)
"""May a job that a worker has taken from its queue run now? Its rate may give it a later start."""

CANCEL = """
-- KEYS: job, queue, scheduled, cancelled, channel, unique    ARGV: id, time
local status = redis.call('HGET', KEYS[1], 'status')
if status == 'started' then
    redis.call('HSET', KEYS[1], 'cancel', 1)
    return 1
end
if status ~= 'queued' and status ~= 'scheduled' then
    return 0
end
redis.call('LREM', KEYS[2], 0, ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('HSET', KEYS[1], 'status', 'canceled', 'ended_at', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('ZADD', KEYS[4], ARGV[4], ARGV[1])
if redis.call('GET', KEYS[6]) == ARGV[1] then
    redis.call('DEL', KEYS[6])
end
redis.call('PUBLISH', KEYS[5], '')
return 1
"""
"""Cancel a job that waits; have the worker of one that runs end it."""

RETRY = """
-- KEYS: job, queue, failed, cancelled, bell    ARGV: id, time of enqueuing
local status = redis.call('HGET', KEYS[1], 'status')
if status ~= 'failed' and status ~= 'canceled' and status ~= 'stopped' then
    return status
end
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('ZREM', KEYS[4], ARGV[1])
redis.call('HDEL', KEYS[1], 'cancel', 'progress')
redis.call('HSET', KEYS[1], 'status', 'queued', 'enqueued_at', ARGV[2], 'crashes', 0, 'ended_at', '',
    'retries_left', redis.call('HGET', KEYS[1], 'retries') or 0)
redis.call('PERSIST', KEYS[1])
redis.call('RPUSH', KEYS[2], ARGV[1])
redis.call('XADD', KEYS[5], 'MAXLEN', 1, '*', 'id', ARGV[1])
return 'queued'
"""
"""Put a job that has failed or been cancelled into its queue again."""

RESTORE = """
-- KEYS: job, intermediate, queue, bell    ARGV: id
if redis.call('LREM', KEYS[2], 1, ARGV[1]) == 1 and redis.call('HGET', KEYS[1], 'status') == 'queued' then
    redis.call('LPUSH', KEYS[3], ARGV[1])
    redis.call('XADD', KEYS[4], 'MAXLEN', 1, '*', 'id', ARGV[1])
    return 1
end
return 0
"""
"""Give a job back to its queue that a worker has taken, but will not run any more."""
