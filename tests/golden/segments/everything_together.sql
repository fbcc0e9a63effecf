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
        NOT customer_id IS NULL AND paid_date >= $p4
      ) AND paid_date <= $p5
    GROUP BY
      1
  ) AS j0
    ON j0.customer_id = p.customer_id
  WHERE
    "j0"."row_count" >= $p3
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
            NOT customer_id IS NULL AND paid_date >= $p6
          ) AND paid_date <= $p5
      )
    )
)
SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  (
    "p"."segment" IN ($p0, $p1, $p2)
    AND NOT "p"."customer_id" IN (
      SELECT
        customer_id
      FROM segment_1
    )
    AND (
      NOT (
        (
          "p"."debt_amount" <= $p7 OR "p"."debt_amount" IS NULL
        )
      ) IS TRUE
      OR NOT "p"."customer_id" IN (
        SELECT
          customer_id
        FROM list_members
        WHERE
          list_key = $p8
      )
      OR NOT "p"."customer_id" IN (
        SELECT
          customer_id
        FROM dim_subscriptions
        WHERE
          (
            NOT customer_id IS NULL AND valid_from <= $p5
          )
          AND (
            valid_to IS NULL OR valid_to > $p5
          )
      )
      OR (
        "p"."customer_id" IN (
          SELECT
            customer_id
          FROM fct_payments
          WHERE
            NOT customer_id IS NULL AND paid_date <= $p5
        )
        AND NOT "p"."customer_id" IN (
          SELECT
            customer_id
          FROM fct_payments
          WHERE
            (
              NOT customer_id IS NULL AND paid_date >= $p6
            ) AND paid_date <= $p5
        )
      )
    )
  )
-- $p0 = 'mass'
-- $p1 = 'premium'
-- $p2 = 'soho'
-- $p3 = 2
-- $p4 = datetime.date(2025, 4, 1)
-- $p5 = datetime.date(2026, 3, 31)
-- $p6 = datetime.date(2026, 3, 2)
-- $p7 = 0
-- $p8 = 'vip'
