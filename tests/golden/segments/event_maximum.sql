SELECT
  "p"."customer_id"
FROM customer_profiles AS p
LEFT JOIN (
  SELECT
    customer_id,
    MAX("amount") AS "maximum_amount"
  FROM fct_payments
  WHERE
    NOT customer_id IS NULL AND paid_date <= $p2
  GROUP BY
    1
) AS j0
  ON j0.customer_id = p.customer_id
WHERE
  NOT "j0"."maximum_amount" IN ($p0, $p1)
-- $p0 = Decimal('0.3')
-- $p1 = 3
-- $p2 = datetime.date(2026, 3, 1)
