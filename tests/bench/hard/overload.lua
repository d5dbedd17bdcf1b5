-- wrk: POST the lines of $BODIES in turn, and count the answers by status.
-- Ends with a line: RESULT 200s 503s others socket-errors seconds
local threads = {}
function setup(thread) table.insert(threads, thread) end

local requests, at = {}, 0
good, refused, other = 0, 0, 0
function init(args)
  for line in io.lines(os.getenv("BODIES")) do
    requests[#requests + 1] =
      wrk.format("POST", "/predict", { ["Content-Type"] = "application/json" }, line)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function response(status)
  if status == 200 then good = good + 1
  elseif status == 503 then refused = refused + 1
  else other = other + 1 end
end

function done(summary)
  local counts = { good = 0, refused = 0, other = 0 }
  for _, thread in ipairs(threads) do
    for name in pairs(counts) do counts[name] = counts[name] + thread:get(name) end
  end
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d %d %.3f\n", counts.good, counts.refused, counts.other,
    e.connect + e.read + e.write + e.timeout, summary.duration / 1e6))
end
