WITH segment_0 AS MATERIALIZED (
  SELECT
    "p"."customer_id"
  FROM customer_profiles AS p
  LEFT JOIN (
    SELECT
      customer_id,
      COUNT(*) AS "row_count"
    FROM fct_payments
    WHERE
      (
        NOT customer_id IS NULL AND paid_date >= $p1
      ) AND paid_date <= $p2
    GROUP BY
      1
  ) AS j0
    ON j0.customer_id = p.customer_id
  WHERE
    "j0"."row_count" >= $p0
), segment_1 AS MATERIALIZED (
  SELECT
    "p"."customer_id"
  FROM customer_profiles AS p
  WHERE
    (
      NOT "p"."customer_id" IN (
        SELECT
          customer_id
        FROM segment_0
      )
      OR NOT "p"."customer_id" IN (
        SELECT
          customer_id
        FROM fct_payments
        WHERE
          (
            NOT customer_id IS NULL AND paid_date >= $p3
          ) AND paid_date <= $p2
      )
    )
)
SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  (
    "p"."customer_id" IN (
      SELECT
        customer_id
      FROM segment_0
    )
    OR NOT "p"."customer_id" IN (
      SELECT
        customer_id
      FROM segment_1
    )
  )
-- $p0 = 2
-- $p1 = datetime.date(2025, 4, 1)
-- $p2 = datetime.date(2026, 3, 31)
-- $p3 = datetime.date(2026, 3, 2)
