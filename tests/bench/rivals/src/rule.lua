-- The segment discount in whole ten-thousandths, which Lua's numbers hold exactly up to 2^53.
local floor = math.floor

local function units(text)
    return floor(tonumber(text) * 10000 + 0.5)
end

-- Line, price, line, price, …
return function(order)
    local prices, count = {}, 0
    if order.customer.segment ~= "wholesale" then
        return prices
    end
    for index, line in ipairs(order.lines) do
        local quantity = units(line.quantity)
        if quantity >= 50000 then
            local list = units(line["unit-price"])
            local keep = quantity >= 100000 and 90 or 95
            local step = list % 100 == 0 and 100 or 1
            prices[count + 1] = index - 1
            prices[count + 2] = floor((list * keep + 50 * step) / (100 * step)) * step
            count = count + 2
        end
    end
    return prices
end
