//! What a rule's fuel grows like, and at which size of order it would run out: said before it happens.

/// Sizes of order that are measured, in lines.
pub const SIZES: [usize; 4] = [1, 10, 100, 1_000];

/// The most lines that are looked at: no order is larger.
const MOST: u64 = 1_000_000;

/// What fuel a rule may use: so much, and so much more for each line.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// For every order.
    pub fuel: u64,
    /// For each line.
    pub per_line: u64,
}

impl Budget {
    /// For an order of so many lines.
    pub fn of(self, lines: u64) -> u64 {
        self.fuel.saturating_add(self.per_line.saturating_mul(lines))
    }
}

/// What was measured and what follows.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Projection {
    /// Lines and fuel, as measured.
    pub measured: Vec<(u64, u64)>,
    /// Share of the budget at 100 lines, in per cent, rounded up.
    pub percent_at_100: u64,
    /// From how many lines on it would fail; nothing when it never would.
    pub fails_near: Option<u64>,
}

/// Projects from measured points (lines, fuel), ascending, at least two: between points along the line through them,
/// beyond the last along the curve through the last three, so that a rule whose work grows faster than the order is found
/// out.
pub fn project(measured: &[(u64, u64)], budget: Budget) -> Projection {
    let at_100 = fuel_at(measured, 100);
    let whole = budget.of(100).max(1);
    let percent_at_100 = u64::try_from((at_100 * 100).div_ceil(u128::from(whole))).unwrap_or(u64::MAX);
    let fails = |lines: u64| fuel_at(measured, lines) > u128::from(budget.of(lines));
    // Both grow; where the rule grows faster it fails from some size on.
    let first_of = |points: &[(u64, u64)]| points.iter().map(|(lines, _)| *lines).find(|lines| fails(*lines));
    let upper = first_of(measured).or_else(|| fails(MOST).then_some(MOST));
    let fails_near = upper.map(|upper| {
        let mut lower = measured.iter().map(|(lines, _)| *lines).rfind(|lines| *lines < upper && !fails(*lines)).unwrap_or(0);
        let mut upper = upper;
        while upper - lower > 1 {
            let middle = lower + (upper - lower) / 2;
            if fails(middle) { upper = middle } else { lower = middle }
        }
        upper
    });
    Projection { measured: measured.to_vec(), percent_at_100, fails_near }
}

/// Fuel at a size that need not have been measured.
fn fuel_at(measured: &[(u64, u64)], lines: u64) -> u128 {
    let after = measured.iter().position(|(at, _)| *at >= lines);
    let between = |(x0, y0): (u64, u64), (x1, y1): (u64, u64)| {
        let (rise, run) = (i128::from(y1) - i128::from(y0), i128::from(x1 - x0));
        i128::from(y0) + rise * (i128::from(lines) - i128::from(x0)) / run
    };
    let fuel = match (after, measured) {
        (Some(0), [(_, first), ..]) => i128::from(*first),
        (Some(index), points) => between(points[index - 1], points[index]),
        (None, [.., (x0, y0), (x1, y1), (x2, y2)]) => {
            // Newton's form of the parabola through three points; its bend is never taken for less than none.
            let slope = |a: (u64, u64), b: (u64, u64)| (i128::from(b.1) - i128::from(a.1)) * 1_000 / i128::from(b.0 - a.0);
            let (first, second) = (slope((*x0, *y0), (*x1, *y1)), slope((*x1, *y1), (*x2, *y2)));
            let beyond = i128::from(lines - x2);
            let bend = (second - first).max(0);
            i128::from(*y2) + (second * beyond + bend * beyond * i128::from(lines - x1) / i128::from(x2 - x0)) / 1_000
        }
        (None, [.., last, end]) => between(*last, *end),
        _ => 0,
    };
    u128::try_from(fuel.max(0)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUDGET: Budget = Budget { fuel: 1_000_000, per_line: 10_000 };

    fn points(fuel: impl Fn(u64) -> u64) -> Vec<(u64, u64)> {
        SIZES.iter().map(|lines| (*lines as u64, fuel(*lines as u64))).collect()
    }

    #[test]
    fn a_rule_that_grows_as_its_budget_does_never_fails() {
        let projection = project(&points(|lines| 20_000 + 9_000 * lines), BUDGET);
        assert_eq!((projection.percent_at_100, projection.fails_near), (46, None));
    }

    #[test]
    fn a_rule_that_grows_faster_fails_where_the_lines_cross() {
        // 20,000 + 12,000 n > 1,000,000 + 10,000 n from n = 490 on.
        let projection = project(&points(|lines| 20_000 + 12_000 * lines), BUDGET);
        assert_eq!(projection.fails_near, Some(491));
        // Beyond what was measured: 10,100 n, from 10,000,000 − 200 on.
        assert_eq!(project(&points(|lines| 10_100 * lines), BUDGET).fails_near, Some(10_001));
    }

    #[test]
    fn work_that_grows_with_the_square_is_found_out() {
        // 100 n² crosses 10⁶ + 10⁴ n near n = 162; at 1,000 lines it was measured as far too much.
        let near = project(&points(|lines| 100 * lines * lines), BUDGET).fails_near.unwrap();
        assert!((100..=200).contains(&near), "{near}");
        // n² crosses it near 10,099, beyond what was measured.
        let near = project(&points(|lines| lines * lines), BUDGET).fails_near.unwrap();
        assert!((9_900..=10_300).contains(&near), "{near}");
    }

    #[test]
    fn the_percentage_is_of_the_budget_at_that_size() {
        assert_eq!(project(&points(|_| 2_000_000), BUDGET).percent_at_100, 100);
    }
}
