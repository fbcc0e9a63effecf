SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  "p"."customer_id" IN (
    SELECT
      customer_id
    FROM fct_payments
    WHERE
      (
        (
          NOT customer_id IS NULL AND paid_date >= $p0
        ) AND paid_date <= $p1
      )
      AND (
        "amount" > $p2 AND (
          "method" IN ($p3, $p4) OR "method" IS NULL
        )
      )
  )
-- $p0 = datetime.date(2025, 10, 1)
-- $p1 = datetime.date(2026, 3, 31)
-- $p2 = Decimal('0.3')
-- $p3 = 'left'
-- $p4 = 'new'
