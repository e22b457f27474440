"""The list of operations agrees with botocore's model, and says what each one costs."""

from __future__ import annotations

import botocore.session
import pytest

from app.aws.operations import CATEGORY_OF, OPERATIONS, USED, counted_as_active, listed
from app.aws.quotas import RATES
from app.errors import AppError, ErrorCode


def test_every_listed_operation_exists_in_the_service_model() -> None:
    model = botocore.session.get_session().get_service_model("cognito-idp")
    assert set(model.operation_names) >= USED


def test_every_operation_has_a_category_with_a_rate() -> None:
    assert set(CATEGORY_OF) == USED
    assert all(RATES[category] > 0 for category in CATEGORY_OF.values())


def test_reads_by_name_change_nothing_and_the_rest_does() -> None:
    reading = ("List", "Describe", "Get", "AdminGet", "AdminList")
    for operation in OPERATIONS.values():
        assert operation.changes is not operation.name.startswith(reading), operation.name


def test_lists_are_not_billed_but_a_single_read_is() -> None:
    assert not counted_as_active("ListUsers")
    assert not counted_as_active("DescribeUserPool")
    assert counted_as_active("AdminGetUser")
    assert counted_as_active("AdminDisableUser")


def test_an_unlisted_operation_is_a_defect_that_names_the_list() -> None:
    with pytest.raises(AppError) as caught:
        listed("DeleteUserPool")
    assert caught.value.code is ErrorCode.INTERNAL
    assert "operations.py" in caught.value.message
