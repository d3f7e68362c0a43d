-- Sends the requests of a file in turn, and prints the figures of the run as one line of JSON. Each request in the file
-- stands behind a line with its length in bytes.
local requests, turn = {}, 0

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  for length in file:lines() do
    requests[#requests + 1] = file:read(tonumber(length))
  end
  file:close()
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency)
  local failed = summary.errors
  local figures = {
    requests = summary.requests,
    duration_us = summary.duration,
    refused = failed.status,
    socket_errors = failed.connect + failed.read + failed.write + failed.timeout,
    p50_us = latency:percentile(50),
    p99_us = latency:percentile(99),
  }
  local words = {}
  for name, value in pairs(figures) do
    words[#words + 1] = string.format('"%s": %d', name, value)
  end
  print("FIGURES {" .. table.concat(words, ", ") .. "}")
end
