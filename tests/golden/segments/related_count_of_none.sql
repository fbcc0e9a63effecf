SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  NOT "p"."customer_id" IN (
    SELECT
      customer_id
    FROM dim_subscriptions
    WHERE
      (
        (
          NOT customer_id IS NULL AND valid_from <= $p0
        )
        AND (
          valid_to IS NULL OR valid_to > $p0
        )
      )
      AND NOT (
        "product_id" = $p1
      ) IS TRUE
  )
-- $p0 = datetime.date(2026, 3, 31)
-- $p1 = 3
